// A part of a JPEG picture by libjpeg, which is loaded at run time: its errors leave by longjmp, which Swift can't catch.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Functions of libjpeg with the interface of version 62.
typedef struct {
    void *standard_error, *create, *memory_source, *read_header, *start, *crop, *skip, *read, *destroy;
} apus_jpeg_functions;

// Decodes the rectangle (x, y, width, height) of a picture whose sizes are scaled to eighths/8, into rows of 1 (grey),
// 3 (red, green, blue) or 4 (inks of printers) bytes a pixel. Returns 0 if all is well, 1 if the library does not fit (message says why), 2 if
// the picture is damaged. The rectangle must lie in the scaled picture. warnings counts damage that was bridged.
int apus_jpeg_region(
    const apus_jpeg_functions *functions, const uint8_t *bytes, size_t count, int eighths, uint32_t x, uint32_t y,
    uint32_t width, uint32_t height, int channels, uint8_t *pixels, char message[200], long *warnings);
