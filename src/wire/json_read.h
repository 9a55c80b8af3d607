/* Reads JSON texts of at most LIMIT_MESSAGE: checked to the last byte when opened, then asked for
 * members by name and type. Nodes are numbers; JSON_ROOT is the object that every text must be. */
#ifndef WIRE_JSON_READ_H
#define WIRE_JSON_READ_H

#include "base/buf.h"

enum json_kind { JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_NUMBER, JSON_BOOL, JSON_NULL };

#define JSON_ROOT   0u
#define JSON_ABSENT SIZE_MAX

struct json;

/* Borrows `text` until json_close. ERR_MALFORMED: not RFC 8259 (see json_grammar.h) or a key twice
 * in one object; ERR_TOO_LARGE: more than LIMIT_MESSAGE bytes, LIMIT_JSON_TOKENS values and keys,
 * or LIMIT_JSON_MEMBERS in one object, or a key longer than LIMIT_JSON_KEY; ERR_REQUEST_INVALID:
 * JSON, but not an object; ERR_NOMEM. */
enum err json_open(struct span text, struct json **ret) MUST_CHECK;
/* Clears the pointer; NULL is fine. */
void json_close(struct json **j);

/* JSON_NULL for JSON_ABSENT. */
enum json_kind json_kind(const struct json *j, size_t node);
/* The value of a member; JSON_ABSENT when the object has no such key. `object` may be JSON_ABSENT
 * or no object: it has no members then. */
size_t json_member(const struct json *j, size_t object, const char *name);
/* True when every key of the object is among the names; a NULL ends them. False for JSON_ABSENT and
 * for what is no object. */
bool json_has_only(const struct json *j, size_t object, const char *const names[]);
/* For objects whose keys are data: the first key, and the one after `key`; JSON_ABSENT at the end.
 * A key is a string node; json_value is what belongs to it. */
size_t json_first_key(const struct json *j, size_t object);
size_t json_next_key(const struct json *j, size_t key);
size_t json_value(const struct json *j, size_t key);
/* Elements of an array; 0 when it is no array. */
size_t json_count(const struct json *j, size_t array);
/* First element, and the one after `element`; JSON_ABSENT at the end. */
size_t json_first(const struct json *j, size_t array);
size_t json_next(const struct json *j, size_t element);

/* ERR_ARGUMENT when the node is absent, of another type or out of bounds. Lengths are bytes of
 * UTF-8 after unescaping. The text is appended to `store` and lives there: give the store room for
 * the whole JSON text first, or what was read before moves. */
enum err json_string(const struct json *j, size_t node, size_t min, size_t max, struct buf *store,
                     struct span *ret) MUST_CHECK;
/* The same for base64 (base/enc.h) of min..max bytes. */
enum err json_base64(const struct json *j, size_t node, size_t min, size_t max, struct buf *store,
                     struct span *ret) MUST_CHECK;
/* At most 18 digits with a minus at most: neither fraction nor exponent, and no -0. */
enum err json_integer(const struct json *j, size_t node, int64_t min, int64_t max,
                      int64_t *ret) MUST_CHECK;
enum err json_bool(const struct json *j, size_t node, bool *ret) MUST_CHECK;

#endif
