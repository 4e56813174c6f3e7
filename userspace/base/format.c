// SPDX-License-Identifier: GPL-2.0
/*
 * snprintf(3) for the text of a record. This one knows no locales, no floating point and no
 * streams, and so takes a fifth of the time that the C library's does.
 */
#include <stdio.h>
#include <string.h>
#include "base/format.h"

/**
 * struct conversion - a conversion of a format, as "%-8llu"
 * @plus: a positive number has a sign, too
 * @zero: a number is filled up with zeros, not with blanks
 * @left: blanks are put behind the text, not in front of it
 * @wide: the number has 64 bits
 * @width: characters at least
 * @precision: characters at most, for a string; negative for no limit
 * @kind: letter of the conversion
 */
struct conversion {
	bool plus;
	bool zero;
	bool left;
	bool wide;
	int width;
	int precision;
	char kind;
};

/* tens[n] is the least number that has n + 1 decimal digits. */
static const __u64 tens[] = {
	0, 10ULL, 100ULL, 1000ULL, 10000ULL, 100000ULL, 1000000ULL, 10000000ULL, 100000000ULL,
	1000000000ULL, 10000000000ULL, 100000000000ULL, 1000000000000ULL, 10000000000000ULL,
	100000000000000ULL, 1000000000000000ULL, 10000000000000000ULL, 100000000000000000ULL,
	1000000000000000000ULL, 10000000000000000000ULL,
};

/**
 * struct output - the buffer that text is written to
 * @at: where the next character goes
 * @end: first byte that must not be written
 * @over: number of characters that found no room
 */
struct output {
	char *at;
	char *end;
	size_t over;
};

static inline void put_char(struct output *out, char c)
{
	if (out->at < out->end)
		*out->at++ = c;
	else
		out->over++;
}

static inline void put(struct output *out, const char *text, size_t n)
{
	size_t room = out->end - out->at;

	if (n > room) {
		out->over += n - room;
		n = room;
	}
	memcpy(out->at, text, n);
	out->at += n;
}

static inline void pad(struct output *out, char with, int n)
{
	for (; n > 0; n--)
		put_char(out, with);
}

/*
 * The number of decimal digits of @value. 1233 / 4096 is nearly log10(2), so that the number of
 * its bits gives the number of digits or one less; tens[] decides.
 */
static inline size_t decimals(__u64 value)
{
	size_t n = (64 - __builtin_clzll(value | 1)) * 1233 >> 12;

	return n + (value >= tens[n]);
}

static inline void decimal(char *at, size_t n, __u64 value)
{
	for (; value >= 10; value /= 10)
		at[--n] = '0' + value % 10;
	*at = '0' + value;
}

static inline size_t hexadecimals(__u64 value)
{
	return (67 - __builtin_clzll(value | 1)) / 4;
}

static inline void hexadecimal(char *at, size_t n, __u64 value)
{
	for (; n; value >>= 4)
		at[--n] = "0123456789abcdef"[value & 15];
}

/**
 * format_decimal - write a number in decimal digits
 * @at: FORMAT_DIGITS bytes for the digits; no NUL is written
 * @value: the number
 *
 * Return: number of digits
 */
size_t format_decimal(char *at, __u64 value)
{
	size_t n;

	if (value < 10) {
		*at = '0' + value;
		return 1;
	}
	n = decimals(value);
	decimal(at, n, value);
	return n;
}

/**
 * format_hexadecimal - write a number in hexadecimal digits
 * @at: FORMAT_DIGITS bytes for the digits; no NUL is written
 * @value: the number
 * @least: number of digits at least; zeros are put in front
 *
 * Return: number of digits
 */
size_t format_hexadecimal(char *at, __u64 value, size_t least)
{
	size_t n = hexadecimals(value);

	n = n < least ? least : n;
	hexadecimal(at, n, value);
	return n;
}

/**
 * format_string - write a text in a column, as "%*s" of printf() does
 * @at: where the next character goes
 * @end: first byte that must not be written
 * @text: the text
 * @width: characters at least; if it is negative, the blanks are put behind the text
 *
 * Return: behind the last character that was written; no NUL is written
 */
char *format_string(char *at, char *end, const char *text, int width)
{
	struct output out = { .at = at, .end = end };
	int n = strlen(text);

	pad(&out, ' ', width - n);
	put(&out, text, n);
	pad(&out, ' ', -width - n);
	return out.at;
}

/* Write the digits of a number, or the first of them if there is no room for all. */
static inline void put_digits(struct output *out, bool hex, size_t n, __u64 value)
{
	char digits[FORMAT_DIGITS], *at = digits;
	bool fits = n <= (size_t)(out->end - out->at);

	if (fits)
		at = out->at;
	if (hex)
		hexadecimal(at, n, value);
	else
		decimal(at, n, value);
	if (fits)
		out->at += n;
	else
		put(out, digits, n);
}

static inline void put_number(struct output *out, const struct conversion *as, __u64 value,
			      char sign)
{
	bool hex = as->kind == 'x';
	size_t n = hex ? hexadecimals(value) : decimals(value);
	int more = as->width - (int)n - !!sign;

	if (more > 0 && !as->left && !as->zero)
		pad(out, ' ', more);
	if (sign)
		put_char(out, sign);
	if (more > 0 && !as->left && as->zero)
		pad(out, '0', more);
	put_digits(out, hex, n, value);
	if (more > 0 && as->left)
		pad(out, ' ', more);
}

static inline void put_signed(struct output *out, const struct conversion *as, __s64 value)
{
	if (value < 0)
		put_number(out, as, -(__u64)value, '-');
	else
		put_number(out, as, value, as->plus ? '+' : '\0');
}

static void put_string(struct output *out, const struct conversion *as, const char *text)
{
	size_t n = as->precision < 0 ? strlen(text) : strnlen(text, as->precision);

	if (!as->left)
		pad(out, ' ', as->width - (int)n);
	put(out, text, n);
	if (as->left)
		pad(out, ' ', as->width - (int)n);
}

static int number(const char **fmt)
{
	int n = 0;

	for (; **fmt >= '0' && **fmt <= '9'; ++*fmt)
		n = 10 * n + **fmt - '0';
	return n;
}

/**
 * struct arguments - the arguments that are still to be converted
 * @list: the arguments; in a structure, since a va_list may be an array, whose address is not that
 *	of a va_list where a function has it as its parameter
 */
struct arguments {
	va_list list;
};

static int width_or_star(const char **fmt, struct arguments *args)
{
	if (**fmt != '*')
		return number(fmt);
	++*fmt;
	return va_arg(args->list, int);
}

/* Read the flags, the width and the precision of a conversion. */
static void read_details(const char **fmt, struct arguments *args, struct conversion *as)
{
	for (; **fmt == '+' || **fmt == '0' || **fmt == '-'; ++*fmt) {
		as->plus |= **fmt == '+';
		as->zero |= **fmt == '0';
		as->left |= **fmt == '-';
	}
	as->width = width_or_star(fmt, args);
	if (as->width < 0) {
		as->left = true;
		as->width = -as->width;
	}
	if (**fmt == '.') {
		++*fmt;
		as->precision = width_or_star(fmt, args);
	}
}

static inline struct conversion read_conversion(const char **fmt, struct arguments *args)
{
	struct conversion as = { .precision = -1 };

	/* Most conversions are a letter alone. */
	if (**fmt < 'a')
		read_details(fmt, args, &as);
	for (; **fmt == 'l'; ++*fmt)
		as.wide = true;
	as.kind = *(*fmt)++;
	return as;
}

/* Write one argument; return false for a conversion that only vsnprintf() knows. */
static bool convert(struct output *out, const struct conversion *as, struct arguments *args)
{
	switch (as->kind) {
	case 's':
		put_string(out, as, va_arg(args->list, const char *));
		return true;
	case 'u':
	case 'x':
		put_number(out, as, as->wide ? va_arg(args->list, __u64) :
				    va_arg(args->list, unsigned int), '\0');
		return true;
	case 'd':
		put_signed(out, as, as->wide ? va_arg(args->list, __s64) : va_arg(args->list, int));
		return true;
	case 'c':
		put_char(out, va_arg(args->list, int));
		return !as->width;
	case '%':
		put_char(out, '%');
		return true;
	}
	return false;
}

/**
 * format_list - vsnprintf(), made for strings and whole numbers
 * @buf: for the text, which ends with a NUL
 * @size: of @buf, not 0
 * @fmt: as for printf(); vsnprintf() is called for a conversion that is not known here
 * @args: as for vsnprintf()
 *
 * Return: the length that the text would have if there were room
 */
size_t format_list(char *buf, size_t size, const char *fmt, va_list args)
{
	struct output out = { .at = buf, .end = buf + size - 1 };
	struct arguments rest;
	const char *at = fmt;
	bool known = true;
	char c;

	va_copy(rest.list, args);
	while (known && (c = *at++)) {
		if (c == '%') {
			struct conversion as = read_conversion(&at, &rest);

			known = convert(&out, &as, &rest);
		} else {
			put_char(&out, c);
		}
	}
	va_end(rest.list);
	if (!known)
		return vsnprintf(buf, size, fmt, args);
	*out.at = '\0';
	return out.at - buf + out.over;
}

/**
 * format_text - snprintf(), made for strings and whole numbers
 * @buf: for the text, which ends with a NUL
 * @size: of @buf, not 0
 * @fmt: as for printf()
 *
 * Return: the length that the text would have if there were room
 */
size_t format_text(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	size_t n;

	va_start(args, fmt);
	n = format_list(buf, size, fmt, args);
	va_end(args);
	return n;
}
