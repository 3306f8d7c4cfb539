"""The procedures of NG-RAN, one file each, under their names in TS 38.413 and TS 38.331."""
