"""Timers of the UE (TS 24.501 tables 10.2.1 and 10.3.1, TS 38.331 clause 7.1.1), in seconds, and their expiries."""

T3502_S = 720
T3510_S = 15
T3511_S = 10
T3512_S = 3240
T3516_S = 30
T3517_S = 15
T3519_S = 60
T3520_S = 15
T3521_S = 15
T3525_S = 60
T3540_S = 10
T3580_S = 16
T3581_S = 16
T3582_S = 16

T3247_S = (1800, 3600)
"""T3247 is drawn from this range (TS 24.501 clause 5.3.20.2)."""

MAX_UNPROTECTED_REJECTS = 3
"""How many rejections without integrity protection are doubted (ours, of 1 to 10: TS 24.501 clause 5.3.20.1)."""

T3346_DEFAULT_S = (900, 1800)
"""T3346 is drawn from this range where the network's value cannot be believed (TS 24.501 clause 5.5.1.2.5)."""

MAX_REGISTRATION_ATTEMPTS = 5
"""TS 24.501 clause 5.5.1.2.7."""

MAX_DEREGISTRATION_TRIES = 5
"""T3521's fifth expiry ends the procedure (TS 24.501 clause 5.5.2.2.6)."""

MAX_SESSION_TRIES = 5
"""T3580's, T3581's and T3582's fifth expiry ends the procedure (TS 24.501 clauses 6.4.1.6, 6.4.2.5, 6.4.3.5)."""

MAX_AUTHENTICATION_FAILURES = 3
"""TS 24.501 clause 5.4.1.3.7: after three in a row the network is not believed."""

MAX_SERVICE_ATTEMPTS = 5
"""TS 24.501 clause 5.6.1.7."""

T300_TRIES = 4
"""How often NAS lets RRC ask again before it counts an attempt as failed (ours; RRC itself asks once)."""
