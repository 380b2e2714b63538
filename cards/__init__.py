"""What people read: statistics, cards and reports."""
