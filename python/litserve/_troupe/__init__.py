"""What stands behind the names: plans, and what runs in workers."""
