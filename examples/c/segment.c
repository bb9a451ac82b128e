/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Labels the pixels of an image from the coarse features of a network (EmerDiff).
 *
 * The network's features of a few cells are clustered; each cluster is pushed down and up inside the network, and the
 * pixels that change most are its pixels. Where your network goes stands one that needs no weights: each pixel of its
 * output is a mixture of the cells that are near in place and in colour. encode() and decode() are the only functions to
 * replace.
 *
 * All memory is static, whatever the number of clusters: one pair of images at a time is looked at, a few rows at once.
 * The exit status tells whether the labels follow the edges of the image better than the cells do.
 */
#include <math.h>
#include <quell.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 3, HEIGHT = 32, WIDTH = 64, PIXELS = HEIGHT * WIDTH, PITCH = 4, TILE = 5 };
enum { ROWS = HEIGHT / PITCH, COLUMNS = WIDTH / PITCH, CELLS = ROWS * COLUMNS };
enum { CLUSTERS = 6, STARTS = 10, TRIALS = 3, FEATURES = CHANNELS + 2, CLASSES = 3, RADIUS = 4 };

static const double LAMBDA = 0.5;

/* The scene: a sloping horizon and a disc, with some noise. */
static float image[PIXELS * CHANNELS];
static unsigned char truth[PIXELS];

/* What the network holds: the colour of each cell. */
static float hidden[CELLS * CHANNELS];

static int failed(quell_status status, const char *call)
{
    if (status != 0)
        fprintf(stderr, "%s: %s: %s\n", call, quell_status_argument_str(status), quell_status_str(status));
    return status != 0;
}

/* Leaves the function on an error, which has been reported by then. */
#define TRY(call)                \
    do {                         \
        if (failed(call, #call)) \
            return -1;           \
    } while (0)

static int paint(void)
{
    static const float COLOURS[CLASSES][CHANNELS] = {{0.35f, 0.55f, 0.9f}, {0.3f, 0.6f, 0.25f}, {0.9f, 0.7f, 0.2f}};
    TRY(quell_normal_f32(image, PIXELS * CHANNELS, 1, 0, 0, 0));
    for (int y = 0; y < HEIGHT; ++y) {
        for (int x = 0; x < WIDTH; ++x) {
            const int pixel = y * WIDTH + x, in_disc = (x - 45) * (x - 45) + (y - 12) * (y - 12) < 81;
            truth[pixel] = (unsigned char)(in_disc ? 2 : 7 * y > 70 + 2 * x);
            for (int c = 0; c < CHANNELS; ++c) {
                float *const value = &image[pixel * CHANNELS + c];
                *value = COLOURS[truth[pixel]][c] + 0.04f * *value;
            }
        }
    }
    return 0;
}

/* The first half of the network: what it holds of the image, and the features of its cells. */
static void encode(float *features)
{
    for (int cell = 0; cell < CELLS; ++cell) {
        const int top = cell / COLUMNS * PITCH, left = cell % COLUMNS * PITCH;
        for (int c = 0; c < CHANNELS; ++c) {
            float sum = 0.0f;
            for (int i = 0; i < PITCH * PITCH; ++i)
                sum += image[((top + i / PITCH) * WIDTH + left + i % PITCH) * CHANNELS + c];
            hidden[cell * CHANNELS + c] = features[cell * FEATURES + c] = sum / (PITCH * PITCH);
        }
        features[cell * FEATURES + CHANNELS] = 0.15f * (float)top / HEIGHT;
        features[cell * FEATURES + CHANNELS + 1] = 0.15f * (float)left / HEIGHT;
    }
}

/* The second half: from what it holds to an image. Which cells a pixel is made of does not change with h. */
static void decode(float *out, const float *h)
{
    for (int pixel = 0; pixel < PIXELS; ++pixel) {
        const double y = (pixel / WIDTH + 0.5) / PITCH - 0.5, x = (pixel % WIDTH + 0.5) / PITCH - 0.5;
        double sums[CHANNELS] = {0.0}, total = 0.0;
        for (int cell = 0; cell < CELLS; ++cell) {
            const double down = y - cell / COLUMNS, right = x - cell % COLUMNS;
            double distance = (down * down + right * right) / (2.0 * 1.5 * 1.5);
            for (int c = 0; c < CHANNELS; ++c) {
                const double d = image[pixel * CHANNELS + c] - hidden[cell * CHANNELS + c];
                distance += d * d / (2.0 * 0.15 * 0.15);
            }
            total += exp(-distance);
            for (int c = 0; c < CHANNELS; ++c)
                sums[c] += exp(-distance) * h[cell * CHANNELS + c];
        }
        for (int c = 0; c < CHANNELS; ++c)
            out[pixel * CHANNELS + c] = (float)(sums[c] / total);
    }
}

/* Which cells belong together. */
static int cluster(unsigned char *labels)
{
    static float features[CELLS * FEATURES], singles[QUELL_KMEANS_SINGLES_LEN(CELLS, FEATURES, CLUSTERS)];
    static double centres[CLUSTERS * FEATURES], uniforms[QUELL_KMEANS_UNIFORMS_LEN(CLUSTERS, STARTS, TRIALS)];
    static double scratch[QUELL_KMEANS_SCRATCH_LEN(CELLS, FEATURES, CLUSTERS, STARTS, TRIALS)];
    const size_t scratch_len = sizeof scratch / sizeof *scratch, singles_len = sizeof singles / sizeof *singles;
    const size_t uniforms_len = sizeof uniforms / sizeof *uniforms;
    quell_kmeans options;
    quell_kmeans_fit fit;
    encode(features);
    TRY(quell_uniform_f64(uniforms, uniforms_len, 2, 0, 0, 0));
    TRY(quell_kmeans_default(&options, CLUSTERS));
    options.restarts = STARTS;
    options.trials = TRIALS;
    TRY(quell_kmeans_f32_u8(&fit, centres, CLUSTERS * FEATURES, labels, CELLS, scratch, scratch_len, singles,
                            singles_len, features, CELLS * FEATURES, uniforms, uniforms_len, &options, FEATURES));
    printf("%d clusters of %d cells: inertia %.4f after %d iterations\n", CLUSTERS, CELLS, fit.inertia,
           (int)fit.iterations);
    return 0;
}

/* Pushes one cluster down and up, and takes what that does to the image. */
static int push(const quell_fold_f32_u8 *fold, const quell_readout *readout, const unsigned char *cells, size_t label)
{
    static float h[2 * CELLS * CHANNELS], minus[PIXELS * CHANNELS], plus[PIXELS * CHANNELS];
    static float state[QUELL_READOUT_STATE_LEN(HEIGHT, WIDTH, RADIUS)];
    quell_offset_pass passes[2];
    quell_readout_progress progress;
    quell_layout rows;
    memcpy(h, hidden, sizeof hidden);
    memcpy(h + CELLS * CHANNELS, hidden, sizeof hidden);
    TRY(quell_offset_passes(passes, 2, label, LAMBDA, 0));
    TRY(quell_offset_cells_f32_u8(h, 2 * CELLS * CHANNELS, cells, CELLS, passes, 2, QUELL_CHANNELS_LAST));
    decode(minus, h);
    decode(plus, h + CELLS * CHANNELS);
    TRY(quell_readout_start(&progress, label));
    while (progress.rows < HEIGHT) {
        const size_t left = HEIGHT - progress.rows, first = progress.rows * WIDTH * CHANNELS;
        const size_t length = PIXELS * CHANNELS - first;
        TRY(quell_layout_interleaved(&rows, CHANNELS, left < TILE ? left : TILE, WIDTH));
        TRY(quell_readout_push_rows_f32_u8(&progress, fold, state, sizeof state / sizeof *state, minus + first,
                                           length, plus + first, length, &rows, readout));
    }
    return 0;
}

/* The share of pixels whose class is that of most pixels of their label. */
static double accuracy(const unsigned char *labels)
{
    int counts[CLUSTERS][CLASSES] = {{0}}, right = 0;
    for (int pixel = 0; pixel < PIXELS; ++pixel)
        ++counts[labels[pixel]][truth[pixel]];
    for (int label = 0; label < CLUSTERS; ++label) {
        int most = 0;
        for (int class = 0; class < CLASSES; ++class)
            most = counts[label][class] > most ? counts[label][class] : most;
        right += most;
    }
    return (double)right / PIXELS;
}

static void print_map(const unsigned char *labels)
{
    for (int y = 0; y < HEIGHT; ++y) {
        for (int x = 0; x < WIDTH; ++x)
            putchar(".:+*#@"[labels[y * WIDTH + x]]);
        putchar('\n');
    }
}

int main(void)
{
    static unsigned char cells[CELLS], coarse[PIXELS], labels[PIXELS];
    static float best[PIXELS], second[PIXELS];
    quell_fold_f32_u8 fold = {0};
    quell_readout readout;
    size_t undecided;
    printf("quell %s\n\n", quell_version());
    if (paint() != 0 || cluster(cells) != 0)
        return EXIT_FAILURE;
    fold.best = best;
    fold.labels = labels;
    fold.second = second;
    fold.pixels = PIXELS;
    if (failed(quell_fold_reset_f32_u8(&fold), "the fold")
        || failed(quell_readout_default(&readout, CHANNELS, HEIGHT, WIDTH, 1.0), "the read-out"))
        return EXIT_FAILURE;
    for (size_t label = 0; label < CLUSTERS; ++label) {
        if (push(&fold, &readout, cells, label) != 0)
            return EXIT_FAILURE;
    }
    if (failed(quell_fold_undecided_f32_u8(&undecided, &fold, 0.0), "the undecided"))
        return EXIT_FAILURE;
    for (int pixel = 0; pixel < PIXELS; ++pixel)
        coarse[pixel] = cells[pixel / WIDTH / PITCH * COLUMNS + pixel % WIDTH / PITCH];
    print_map(labels);
    printf("\npixels in the right class: %.1f %% by the cells, %.1f %% by the read-out, %d undecided\n",
           100.0 * accuracy(coarse), 100.0 * accuracy(labels), (int)undecided);
    return accuracy(labels) > accuracy(coarse) + 0.02 && undecided == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
