"""Time stamps (RFC 3161): somebody outside says that a checkpoint was there by a moment, in a form that courts know."""
