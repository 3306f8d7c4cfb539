"""An undivided NG-RAN node whose radio is RLS (TS 38.300, TS 38.331, TS 38.413)."""
