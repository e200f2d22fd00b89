#!/bin/sh
# Makes the recordings in src/callvault/demo/audio/: short telephone calls, spoken by synthetic voices, one for each
# form in which telephone systems leave their recordings behind.
#
# The results are kept in the repository, so nobody who builds or runs callvault needs this script or its tools
# (Debian: apt install espeak-ng sox libsox-fmt-all ffmpeg).  Run it again only to change what is said, and change the
# texts in src/callvault/demo/recordings.json with it.  Nobody's voice, name or number is in these files.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/../src/callvault/demo/audio}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"

turns=0
scene=''

# A scene is a list of turns, spoken one after another, so that nobody interrupts anybody.
begin() { # begin RATE CHANNELS
  rate=$1
  channels=$2
  scene=''
}

# One turn: a voice says a sentence on one channel.  The telephone's band (300 to 3400 Hz, or 50 to 7000 Hz where the
# line is a wideband one) is cut out first, and the pauses that espeak-ng leaves at both ends are shortened.
turn() { # turn VOICE WORDS_PER_MINUTE PITCH CHANNEL SENTENCE
  turns=$((turns + 1))
  one=$work/turn$turns
  espeak-ng -v "$1" -s "$2" -p "$3" -w "$one.raw.wav" "$5"
  if [ "$rate" -gt 8000 ]; then band='highpass 50 lowpass 7000'; else band='highpass 300 lowpass 3400'; fi
  if [ "$channels" -eq 1 ]; then place='remix 1'; elif [ "$4" -eq 1 ]; then place='remix 1 0'; else place='remix 0 1'; fi
  # shellcheck disable=SC2086  # the effects are words on purpose
  sox -R "$one.raw.wav" -b 16 -r "$rate" "$one.wav" \
    gain -3 $band silence 1 0.01 0.3% reverse silence 1 0.01 0.3% reverse gain -n -4 pad 0.08 0.12 $place
  scene="$scene $one.wav"
}

# The finished scene as PCM, from which the formats below are made.
cut() { # cut
  # shellcheck disable=SC2086  # a list of files
  sox -R $scene "$work/scene.wav"
}

quiet_ffmpeg() { ffmpeg -nostdin -loglevel error -y -i "$work/scene.wav" -map_metadata -1 -fflags +bitexact -flags:a +bitexact "$@"; }

# 1. WAV, PCM 16 bit, 8 kHz, one channel: what most telephone systems write.
begin 8000 1
turn en-gb+f3 185 60 1 'Hello, tea house. What can I get you?'
turn en-us+m3 190 40 1 'Two boxes of green tea, please.'
cut
sox -R "$work/scene.wav" "$out/tea-order.wav"

# 2. WAV, PCM 16 bit, 16 kHz, two channels: the agent on the first, the customer on the second.
begin 16000 2
turn en-us+m7 200 45 1 'Can you come on Monday at ten?'
turn en-gb+f2 200 65 2 'Yes, Monday at ten is fine.'
cut
sox -R "$work/scene.wav" "$out/appointment.wav"

# 3. WAV, G.711 µ-law, 8 kHz, two channels.  At its end the caller is put through, see 4.
begin 8000 2
turn en-us+f4 195 55 1 'Bicycle shop, good morning.'
turn en-gb+m1 195 35 2 'Good morning. Is my bicycle ready?'
turn en-us+f4 195 55 1 'I will put you through to the workshop.'
cut
sox -R "$work/scene.wav" -e mu-law "$out/bicycle-shop.wav"

# 4. MP3, one channel: the same caller with the workshop, after the transfer.
begin 8000 1
turn en-gb-scotland+m5 185 45 1 'Workshop, hello.'
turn en-gb+m1 195 35 1 'Hello. Is my bicycle ready?'
turn en-gb-scotland+m5 185 45 1 'Nearly. The new brake goes on this afternoon. You can fetch it after five.'
cut
quiet_ffmpeg -c:a libmp3lame -b:a 16k -write_xing 0 -id3v2_version 0 "$out/bicycle-workshop.mp3"

# 5. WAV, G.711 A-law, 8 kHz, one channel: a line that only speaks.
begin 8000 1
turn en-gb+f5 180 55 1 'The library is open from nine to six. On Sundays it is closed.'
cut
sox -R "$work/scene.wav" -e a-law "$out/opening-hours.wav"

# 6. WAV, GSM 6.10: a voicemail box that saves space.  The cut makes an even number of blocks of 65 octets: sox counts
# the octet that pads an odd one as if it were audio.
begin 8000 1
turn en-gb+f1 175 60 1 'Hello, it is only me. My train is late, so I shall be with you at half past eight.'
turn en-gb+f1 175 60 1 'Please start without me. Bye bye.'
cut
sox -R "$work/scene.wav" -e gsm-full-rate "$out/voicemail.wav" trim 0 57600s

# 7. Ogg Opus: a conference of three.
begin 16000 1
turn en-us+m3 190 40 1 'Is everybody here? Then let us begin.'
turn en-gb+f3 185 60 1 'The hall is booked for the twelfth.'
turn en-gb-scotland+m5 185 45 1 'And I have asked for forty chairs.'
turn en-us+m3 190 40 1 'Very good. Who brings the cake?'
cut
quiet_ffmpeg -c:a libopus -b:a 16k -application voip -ar 16000 "$out/conference.ogg"

# 8. FLAC: a door telephone.
begin 8000 1
turn en-us+m7 185 40 1 'Good evening. I have a parcel for the second floor.'
turn en-gb+f2 200 65 1 'Come in, please.'
cut
quiet_ffmpeg -c:a flac -compression_level 12 "$out/door-telephone.flac"

# 9. WAV whose header was never finished: the recorder wrote the header with lengths of nought, and died in the middle
# of a sample, before it could come back and fill them in.
begin 8000 1
turn en-gb+m1 185 35 1 'The line is very bad today. I am afraid I can hardly hear'
cut
sox -R "$work/scene.wav" "$work/whole.wav" trim 0 3.2
head -c 51243 "$work/whole.wav" > "$out/broken-line.wav"
for length_at in 4 40; do
  printf '\000\000\000\000' | dd of="$out/broken-line.wav" bs=1 seek="$length_at" conv=notrunc status=none
done

ls -l "$out"
