"""What run-bench is made of: who is measured, how, and what becomes of the figures."""
