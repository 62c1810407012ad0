"""Makes every document that follows from the contracts, and guards what was released. A developer's tool."""
