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

has() {
    nm "$bin/$1" | grep -qE " [tT] ($2)" || { echo "$1 was expected to contain: $2"; failed=1; }
}

refuse korttisilta-host 'SCard|gtk_|lws_|EVP_|X509_|CMS_'
without korttisilta-host 'json_|native_decode|webeid_|secret_new|card_'
refuse korttisilta-agent 'SCardConnect|SCardTransmit|SCardBeginTransaction|gtk_|EVP_PKEY'
without korttisilta-agent 'secret_new|card_sign|pcsc_open|consent_open|ask_unpack_answer'
refuse korttisilta-signer 'lws_|gtk_|listen|accept'
without korttisilta-signer 'json_|native_decode|webeid_'
# Only this one speaks with a network, and it knows no card and no PIN.
refuse korttisilta-signer 'OSSL_HTTP_|getaddrinfo'
refuse korttisilta-manager 'OSSL_HTTP_|getaddrinfo'
refuse korttisilta 'OSSL_HTTP_|getaddrinfo'
need korttisilta-revocation 'OSSL_HTTP_'
refuse korttisilta-revocation 'SCard|lws_|gtk_|listen|accept'
without korttisilta-revocation 'secret_new|card_|json_|consent_'
refuse korttisilta-prompt 'SCard|lws_|EVP_|listen|accept'
without korttisilta-prompt 'json_|native_decode|webeid_|card_'
# A page can never come to the PIN tasks.
without korttisilta-host 'pintask_|pinning_'
without korttisilta-agent 'pintask_|pinning_'
without korttisilta-signer 'pintask_|pinning_'
without korttisilta-prompt 'pintask_|pinning_'
refuse korttisilta-manager 'lws_'
without korttisilta-manager 'json_|native_|consent_open|session_run'
refuse korttisilta 'lws_|gtk_'
# It writes JSON for programs that call it, and reads none.
without korttisilta 'json_open|json_member|json_grammar|native_'
has korttisilta-manager 'pintask_change'
has korttisilta 'pintask_change'
need korttisilta-manager 'gtk_'
need korttisilta-agent 'SCardGetStatusChange|SCardEstablishContext'
need korttisilta-signer 'SCardTransmit'
need korttisilta-prompt 'gtk_'
[ "$failed" = 0 ] && echo "borders hold"
exit "$failed"
