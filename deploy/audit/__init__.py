"""The audit log in an operator's hand: `./linli audit verify`, `show`, `export`, `anchors` (promise 14)."""
