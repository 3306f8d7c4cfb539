"""The UE: cell search and RRC over RLS (TS 38.331), 5GMM and 5GSM (TS 24.501), and traffic of its own."""
