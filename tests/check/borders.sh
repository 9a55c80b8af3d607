#!/bin/sh
# What the process borders promise, read from the linked programs: which foreign functions each one
# can call at all. usage: borders.sh BIN_DIR
set -eu
bin=$1
failed=0

# program  pattern that must not appear among its undefined or defined symbols
refuse() {
    if nm -D --undefined-only "$bin/$1" 2>/dev/null | grep -E " U ($2)" ; then
        echo "$1 must not use: $2"
        failed=1
    fi
}
need() {
    nm -D --undefined-only "$bin/$1" | grep -qE " U ($2)" || { echo "$1 was expected to use: $2"; failed=1; }
}
# A static symbol tells that code of ours is inside.
without() {
    if nm "$bin/$1" | grep -E " [tT] ($2)" ; then
        echo "$1 must not contain: $2"
        failed=1
    fi
}

refuse korttisilta-host 'SCard|gtk_|lws_|EVP_|X509_|CMS_'
without korttisilta-host 'json_|native_decode|secret_new|card_'
refuse korttisilta-agent 'SCardConnect|SCardTransmit|SCardBeginTransaction|gtk_|EVP_PKEY'
without korttisilta-agent 'secret_new|card_sign|pcsc_open|consent_open|ask_unpack_answer'
refuse korttisilta-signer 'lws_|gtk_|listen|accept'
without korttisilta-signer 'json_|native_decode'
refuse korttisilta-prompt 'SCard|lws_|EVP_|listen|accept'
without korttisilta-prompt 'json_|native_decode|card_'
need korttisilta-agent 'SCardGetStatusChange|SCardEstablishContext'
need korttisilta-signer 'SCardTransmit'
need korttisilta-prompt 'gtk_'
[ "$failed" = 0 ] && echo "borders hold"
exit "$failed"
