/* What answers of more than one dialect hold, written the same in each. */
#ifndef WIRE_RESULT_JSON_H
#define WIRE_RESULT_JSON_H

#include "wire/json_write.h"
#include "wire/msg.h"

/* The members of a web-eid:1.0 token: an answer to METHOD_AUTHENTICATE with one signature. */
void result_put_token(struct json_writer *w, const struct response *resp);
/* {cryptoAlgorithm, hashFunction, paddingScheme}. */
void result_put_algorithm(struct json_writer *w, const char *name, struct sig_alg alg);
/* The member "supportedSignatureAlgorithms". */
void result_put_algorithms(struct json_writer *w, const struct response *resp);

#endif
