"""NGAP (TS 38.413): NG Application Protocol between NG-RAN and AMF."""
