"""What may go wrong with a plan: slips, prices, suppliers that leave, evidence that fails; seeded and in parallel."""
