"""What an agent sees: observations, many games at once, a Gymnasium front; and that both games are one."""
