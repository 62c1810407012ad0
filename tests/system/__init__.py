"""The promises on the whole system: real processes, real servers, driven from outside."""
