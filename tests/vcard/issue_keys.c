#include "issue.h"

#include "folder.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>

#include <pthread.h>

struct job {
    enum key_shape shape;
    EVP_PKEY *key;
    pthread_t thread;
};

static void *make(void *arg)
{
    struct job *job = arg;
    switch (job->shape) {
    case SHAPE_P256:
        job->key = EVP_EC_gen("P-256");
        break;
    case SHAPE_P384:
        job->key = EVP_EC_gen("P-384");
        break;
    case SHAPE_RSA2048:
        job->key = EVP_RSA_gen(2048);
        break;
    case SHAPE_RSA3072:
        job->key = EVP_RSA_gen(3072);
        break;
    }
    return NULL;
}

bool issue_make_keys(const enum key_shape *shapes, size_t n, EVP_PKEY **ret_keys)
{
    struct job jobs[FOLDER_KEYS];
    bool ok = n <= FOLDER_KEYS;
    size_t started = 0;
    for (; ok && started < n; started++) {
        jobs[started] = (struct job){.shape = shapes[started]};
        ok = pthread_create(&jobs[started].thread, NULL, make, &jobs[started]) == 0;
        if (!ok) {
            break;
        }
    }
    for (size_t i = 0; i < started; i++) {
        pthread_join(jobs[i].thread, NULL);
        ok = ok && jobs[i].key != NULL;
    }
    for (size_t i = 0; i < started; i++) {
        if (ok) {
            ret_keys[i] = jobs[i].key;
        } else {
            EVP_PKEY_free(jobs[i].key);
        }
    }
    return ok;
}
