"""The witness (C2SP tlog-witness): cosigns the checkpoints of logs, as long as each holds all that it saw before."""
