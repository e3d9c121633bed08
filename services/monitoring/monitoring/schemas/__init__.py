"""What travels over HTTP: figures out, baseline prices in. Decimals are strings, so that no digit is lost on the way."""
