#!/bin/sh
# Makes the mistake that this program is called after, as a test that passes.
echo "TAP version 13"
echo 1..1
insmod /selftests/mmscope_mistakes.ko "mistake=${0##*mistake_}" && rmmod mmscope_mistakes && echo "ok 1 made"
