/* One line per event to stderr (systemd's journal or the browser's console collect it). There is
 * no function that dumps bytes, and none may be added: then no log can hold a PIN. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* `program` is borrowed for the life of the process. The level comes from KORTTISILTA_LOG
 * (error, warn, info, debug); the default is warn. */
void log_open(const char *program);

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void log_line(enum log_level level, const char *format, ...);

#endif
