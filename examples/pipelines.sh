#!/bin/sh
# codexd in shell pipelines; no daemon is needed. $1 is a recording.
set -eu

# Piped input is appended to the prompt.
printf 'fix: close the file before renaming it\n' | codexd ask 'Write a release note for this commit.'

# A transcript, summarised.
codexd transcribe "$1" | codexd ask 'Summarise this in one sentence.'

# JSON for scripts: the text, the model and the tokens used.
codexd ask --json 'Why is the sky blue?'

# The exit status says what went wrong: 3 is a missing login, 6 a used-up limit.
if codexd status >/dev/null 2>&1; then echo 'logged in'; else echo "status $?"; fi
