// SPDX-License-Identifier: GPL-2.0
/*
 * What printf(3) does, for text that is made of each record. The C library's has a locale, floating
 * point and streams to think of: it takes five times as long.
 */
#include <stdio.h>
#include <string.h>
#include "base/format.h"

/**
 * struct conversion - what follows a percent sign
 * @plus: a sign also before positive numbers
 * @zero: zeros in place of leading blanks
 * @left: blanks behind it
 * @wide: a number of 64 bits
 * @width: characters at least
 * @precision: of a string: characters at most; negative for no limit
 * @kind: its letter
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

/* The least number that has more digits, by how many. */
static const __u64 tens[] = {
	0, 10ULL, 100ULL, 1000ULL, 10000ULL, 100000ULL, 1000000ULL, 10000000ULL, 100000000ULL,
	1000000000ULL, 10000000000ULL, 100000000000ULL, 1000000000000ULL, 10000000000000ULL,
	100000000000000ULL, 1000000000000000ULL, 10000000000000000ULL, 100000000000000000ULL,
	1000000000000000000ULL, 10000000000000000000ULL,
};

/**
 * struct output - where the text goes
 * @at: the next character
 * @end: behind the last that has room
 * @over: characters that found no room
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

/* How many digits a number has. The number of its bits gives that, or one less. */
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
 * format_decimal - a number in decimal digits
 * @at: FORMAT_DIGITS bytes for them; no NUL follows
 * @value: the number
 *
 * Return: how many digits
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
 * format_hexadecimal - a number in hexadecimal digits
 * @at: FORMAT_DIGITS bytes for them; no NUL follows
 * @value: the number
 * @least: digits at least, with zeros before it
 *
 * Return: how many digits
 */
size_t format_hexadecimal(char *at, __u64 value, size_t least)
{
	size_t n = hexadecimals(value);

	n = n < least ? least : n;
	hexadecimal(at, n, value);
	return n;
}

/**
 * format_string - a text in a column, as "%*s" of printf()
 * @at: the next character
 * @end: behind the last that has room
 * @text: the text
 * @width: characters at least; negative: blanks behind it
 *
 * Return: behind what was written
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

/* Write the digits of a number, or as many as there is room for. */
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
 * struct arguments - what is still to be converted; by address, for functions that take some
 * @list: they
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

/* Read flags, width and precision of a conversion. */
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

	/* Most conversions are one letter. */
	if (**fmt < 'a')
		read_details(fmt, args, &as);
	for (; **fmt == 'l'; ++*fmt)
		as.wide = true;
	as.kind = *(*fmt)++;
	return as;
}

/* Write one argument. Return: false for a conversion that is not known here. */
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
 * format_list - vsnprintf(), at its best for strings and whole numbers
 * @buf: for the text
 * @size: of @buf, not 0
 * @fmt: as printf()
 * @args: as vsnprintf()
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
 * format_text - snprintf(), at its best for strings and whole numbers
 * @buf: for the text
 * @size: of @buf, not 0
 * @fmt: as printf()
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
