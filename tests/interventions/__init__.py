"""Write-ups."""
