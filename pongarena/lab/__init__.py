"""The lab: experiments on learning itself, run in the background, with a report at the end."""
