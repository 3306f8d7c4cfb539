"""What passed the ports, as stock Wireshark reads it: pcapng, with the frames that the lab's links stand for."""
