"""What is made at Cloudflare, whatever cloud the rest is in."""
