/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Calls about masks from C: clusters, read-outs, upsamplers and scores give what they should, wrong calls are refused,
 * and lengths are the same as constants and as functions.
 */
#include "contract.h"

#include <math.h>

#define KMEANS(fit, cells, features, dimension)                                                                     \
    quell_kmeans_f32_u8(fit, here.centres, 2 * CLUSTERS, cells, CELLS, here.kmeans_scratch, LENGTH(here.kmeans_scratch), \
                        here.singles, LENGTH(here.singles), features, 2 * CELLS, here.uniforms,                     \
                        LENGTH(here.uniforms), &here.kmeans, dimension)
#define OFFSET(h, length, channels)                                                                                 \
    quell_offset_cells_f32_u8(h, length, here.cells, CELLS, here.passes, 2, channels)
#define PUSH(scratch_len)                                                                                           \
    quell_readout_push_rows_u8_u8(&here.progress, &here.fold, here.rows, scratch_len, here.minus, N, here.plus, N,  \
                                  &here.layout, &here.readout)
#define BLUR(length) quell_blur_f32(here.x_f32, length, here.rows, LENGTH(here.rows), &here.blur, HEIGHT, WIDTH)
#define INVERT(noise)                                                                                               \
    quell_invert_f32(here.x_f32, N, here.history_f32, N, noise, here.input_f32, &here.inputs, &here.step)

static void masks(void)
{
    /* Two clusters of three numbers each, apart in the first coordinate. */
    reset();
    for (size_t i = 0; i < 2 * CELLS; ++i)
        here.x_f32[i] = i % 2 == 0 ? (float)(i / 2 % 2 * 10) + 0.1f * (float)i : 1.0f;
    CHECK(KMEANS(&here.fit, here.cells, here.x_f32, 2) == 0 && here.fit.inertia > 0.0 && here.fit.inertia < 2.0);
    CHECK(here.cells[0] != here.cells[1] && here.cells[0] == here.cells[2] && here.cells[1] == here.cells[5]);
    /* A cell that is not in the mask stays. */
    memcpy(&before, &here, sizeof here);
    CHECK(OFFSET(here.x_f32, N, QUELL_CHANNELS_LAST) == 0);
    for (size_t i = 0; i < N; ++i) {
        const float offset = here.cells[i % CELLS] != 0 ? 0.0f : i < CELLS ? -2.0f : 2.0f;
        CHECK(fabsf(here.x_f32[i] - before.x_f32[i] - offset) < 1e-5f);
    }
    /* A read-out in two portions is that of the whole images. */
    reset();
    CHECK(PUSH(LENGTH(here.rows)) == 0 && here.progress.rows == HEIGHT && here.labels[0] == 3 && here.best[0] > 0.0f);
    memcpy(&before, &here, sizeof here);
    CHECK(quell_fold_reset_f32_u8(&here.fold) == 0 && quell_readout_start(&here.progress, 3) == 0);
    here.layout.height = 2;
    CHECK(PUSH(LENGTH(here.rows)) == 0 && here.progress.rows == 2);
    here.layout.height = 1;
    CHECK(quell_readout_push_rows_u8_u8(&here.progress, &here.fold, here.rows, LENGTH(here.rows), here.minus + 2 * WIDTH,
                                        WIDTH, here.plus + 2 * WIDTH, WIDTH, &here.layout, &here.readout)
          == 0);
    CHECK(memcmp(here.best, before.best, sizeof here.best) == 0 && memcmp(here.labels, before.labels, N) == 0);
    /* The draw that leads from a state to another. */
    reset();
    here.step.rows[0].noise = 0.5;
    memcpy(&before, &here, sizeof here);
    CHECK(INVERT(here.noise_f32) == 0);
    for (size_t i = 0; i < N; ++i)
        CHECK(fabsf(here.x_f32[i] - before.noise_f32[i]) < 1e-5f);
    reset();

    REFUSED(KMEANS(NULL, here.cells, here.x_f32, 2), QUELL_CAUSE_NULL, "out");
    REFUSED(KMEANS(&here.fit, NULL, here.x_f32, 2), QUELL_CAUSE_NULL, "labels");
    REFUSED(KMEANS(&here.fit, here.cells, ASKEW(const float, here.x_f32), 2), QUELL_CAUSE_MISALIGNED, "features");
    REFUSED(KMEANS(&here.fit, here.cells, here.x_f32, 0), QUELL_CAUSE_DOMAIN, "dimension");
    REFUSED(KMEANS(&here.fit, here.cells, here.x_f32, 5), QUELL_CAUSE_LENGTH, "features");
    REFUSED(KMEANS(&here.fit, (unsigned char *)here.singles, here.x_f32, 2), QUELL_CAUSE_OVERLAP, "labels");
    SPOILT(here.x_f32[3] = NAN, KMEANS(&here.fit, here.cells, here.x_f32, 2), QUELL_CAUSE_DOMAIN, "features");
    SPOILT(here.uniforms[1] = 1.0, KMEANS(&here.fit, here.cells, here.x_f32, 2), QUELL_CAUSE_DOMAIN, "uniforms");
    SPOILT(here.kmeans.clusters = CELLS + 1, KMEANS(&here.fit, here.cells, here.x_f32, 2), QUELL_CAUSE_DOMAIN, "clusters");
    SPOILT(here.kmeans.clusters = 0, KMEANS(&here.fit, here.cells, here.x_f32, 2), QUELL_CAUSE_DOMAIN, "clusters");
    SPOILT(here.kmeans.tolerance = NAN, KMEANS(&here.fit, here.cells, here.x_f32, 2), QUELL_CAUSE_DOMAIN, "tolerance");
    REFUSED(OFFSET(here.x_f32, N - 1, QUELL_CHANNELS_LAST), QUELL_CAUSE_LENGTH, "h");
    REFUSED(OFFSET(here.x_f32, N, 2), QUELL_CAUSE_UNKNOWN, "channels");
    REFUSED(OFFSET((float *)(void *)here.passes, CELLS, QUELL_CHANNELS_FIRST), QUELL_CAUSE_OVERLAP, "h");
    SPOILT(here.passes[1].offset = INFINITY, OFFSET(here.x_f32, N, QUELL_CHANNELS_FIRST), QUELL_CAUSE_DOMAIN, "passes");
    SPOILT(here.passes[0].label = 256, OFFSET(here.x_f32, N, QUELL_CHANNELS_FIRST), QUELL_CAUSE_DOMAIN, "label");
    REFUSED(quell_offset_passes(here.passes, 2, 0, 1.0, 1), QUELL_CAUSE_LENGTH, "passes");
    REFUSED(quell_difference_map_u8(here.best, N - 1, here.minus, N, here.plus, N, &here.layout, QUELL_NORM_EUCLIDEAN),
            QUELL_CAUSE_LENGTH, "map");
    REFUSED(quell_difference_map_u8(here.best, N, here.minus, N, here.plus, N - 1, &here.layout, QUELL_NORM_EUCLIDEAN),
            QUELL_CAUSE_TOO_SHORT, "plus");
    REFUSED(quell_difference_map_u8(here.best, N, here.minus, N, here.plus, N, &here.layout, 3), QUELL_CAUSE_UNKNOWN,
            "norm");
    SPOILT(here.layout.row_stride = SIZE_MAX,
           quell_difference_map_u8(here.best, N, here.minus, N, here.plus, N, &here.layout, QUELL_NORM_EUCLIDEAN),
           QUELL_CAUSE_TOO_SHORT, "minus");
    REFUSED(quell_difference_size_add_f32(NULL, here.best, N), QUELL_CAUSE_NULL, "size");
    REFUSED(BLUR(N - 1), QUELL_CAUSE_LENGTH, "map");
    SPOILT(here.blur.sigma_x = -1.0, BLUR(N), QUELL_CAUSE_DOMAIN, "sigma");
    SPOILT(here.blur.boundary = 5, BLUR(N), QUELL_CAUSE_UNKNOWN, "boundary");
    SPOILT(here.blur.radius_y = SIZE_MAX, BLUR(N), QUELL_CAUSE_TOO_SHORT, "scratch");
    REFUSED(quell_blur_truncated(&here.blur, 1.0, NAN, QUELL_BOUNDARY_WRAP), QUELL_CAUSE_DOMAIN, "truncate");
    REFUSED(PUSH(LENGTH(here.rows) - 1), QUELL_CAUSE_TOO_SHORT, "state");
    SPOILT(here.progress.label = 256, PUSH(LENGTH(here.rows)), QUELL_CAUSE_DOMAIN, "label");
    SPOILT(here.progress.rows = 1, PUSH(LENGTH(here.rows)), QUELL_CAUSE_DOMAIN, "height");
    SPOILT(here.progress.divisor = 0.0, PUSH(LENGTH(here.rows)), QUELL_CAUSE_DOMAIN, "divisor");
    SPOILT(here.layout.width = 1, PUSH(LENGTH(here.rows)), QUELL_CAUSE_LENGTH, "width");
    SPOILT(here.readout.filtered = 2, PUSH(LENGTH(here.rows)), QUELL_CAUSE_UNKNOWN, "filtered");
    SPOILT(here.fold.pixels = N - 1, PUSH(LENGTH(here.rows)), QUELL_CAUSE_LENGTH, "best");
    SPOILT(here.fold.best = here.second + 1, PUSH(LENGTH(here.rows)), QUELL_CAUSE_OVERLAP, "best");
    SPOILT(here.fold.labels = NULL, PUSH(LENGTH(here.rows)), QUELL_CAUSE_NULL, "labels");
    SPOILT(here.fold.second = here.rows, PUSH(LENGTH(here.rows)), QUELL_CAUSE_OVERLAP, "state");
    REFUSED(INVERT(here.noise_f32), QUELL_CAUSE_DOMAIN, "step");
    SPOILT(here.step.rows[0].noise = 0.5, INVERT(here.x_f32), QUELL_CAUSE_OVERLAP, "noise");
    SPOILT((here.step.rows[0].noise = 0.5, here.inputs.mask = here.out_f32, here.inputs.mask_len = N),
           INVERT(here.noise_f32), QUELL_CAUSE_LENGTH, "mask");
}

#define INTERPOLATE(how)                                                                                            \
    quell_interpolate_labels_f32_u8(&here.fold, here.wide_f32, LENGTH(here.wide_f32), here.cells, CELLS, &here.image, \
                                    CLUSTERS, how)
#define BILATERAL                                                                                                   \
    quell_joint_bilateral_labels_u8_u8(&here.fold, here.wide_f32, LENGTH(here.wide_f32), here.cells, CELLS, here.minus, \
                                       N, &here.layout, here.coarse_guide, CELLS, &here.image, &here.bilateral, CLUSTERS)
#define GUIDED(scratch_len)                                                                                         \
    quell_guided_labels_u8_u8(&here.fold, here.wide_f32, WIDTH, here.wide_f64, scratch_len, here.cells, CELLS,      \
                              here.minus, N, &here.layout, here.statistics, LENGTH(here.statistics), &here.image,   \
                              &here.guided, CLUSTERS, QUELL_INTERPOLATION_BILINEAR)
#define PAMR_WEIGHTS(dilations_len)                                                                                 \
    quell_pamr_weights_u8_f32(here.wide_f32, 16 * N, here.narrow_f32, 8 * N, here.minus, N, &here.layout,          \
                              here.dilations, dilations_len, &here.image)
#define PAMR(interpolation)                                                                                         \
    quell_pamr_labels_f32_u8(&here.fold, here.model_f32, 16, here.cells, CELLS, here.wide_f32, 16 * N,              \
                             here.dilations, 2, &here.image, CLUSTERS, interpolation, 3)
#define MIX(cells_len)                                                                                              \
    quell_mix_labels_f32_u8(&here.fold, here.rows, CELLS + 2, here.cells, cells_len, here.wide_f32, 2 * CELLS,      \
                            CLUSTERS, CELLS, 5, 2)

/* The upper cells are one mask and the lower ones another, and so are the pixels. */
static int divided(void)
{
    for (size_t i = 0; i < WIDTH; ++i)
        if (here.labels[i] != 0 || here.labels[N - 1 - i] != 1)
            return 0;
    return quell_fold_reset_f32_u8(&here.fold) == 0;
}

static void upsamplers(void)
{
    reset();
    for (size_t i = 0; i < CELLS; ++i)
        here.cells[i] = i >= CELLS / 2;
    for (size_t i = 0; i < N; ++i)
        here.minus[i] = (unsigned char)(i < N / 2 ? 10 + i : 200 + i);
    CHECK(INTERPOLATE(QUELL_INTERPOLATION_NEAREST) == 0 && divided());
    CHECK(quell_joint_bilateral_coarse_guide_u8(here.coarse_guide, CELLS, here.minus, N, &here.layout, &here.image) == 0);
    CHECK(here.coarse_guide[0] >= 10.0f && here.coarse_guide[CELLS - 1] > here.coarse_guide[0]);
    CHECK(BILATERAL == 0 && divided());
    CHECK(quell_guided_statistics_u8(here.statistics, LENGTH(here.statistics), here.wide_f64, LENGTH(here.wide_f64),
                                     here.minus, N, &here.layout, &here.image, &here.guided)
          == 0);
    CHECK(GUIDED(LENGTH(here.wide_f64)) == 0 && divided());
    CHECK(quell_pamr_weights_len(HEIGHT, WIDTH, 2) == 16 * N && quell_pamr_weights_scratch_len(WIDTH, 2) <= 8 * N);
    CHECK(PAMR_WEIGHTS(2) == 0);
    CHECK(quell_pamr_labels_f32_u8(&here.fold, here.rows, 2 * N, here.cells, CELLS, here.wide_f32, 16 * N, here.dilations,
                                   2, &here.image, CLUSTERS, QUELL_INTERPOLATION_BILINEAR_CORNERS, 3)
              == 0
          && divided());
    for (size_t i = 0; i < CELLS; ++i)
        here.wide_f32[i] = here.wide_f32[2 * CELLS - 1 - i] = (float)(i * i);
    CHECK(MIX(CELLS) == 0 && here.labels[5] == 1 && here.labels[6] == 0 && here.labels[7] == 0);

    REFUSED(INTERPOLATE(3), QUELL_CAUSE_UNKNOWN, "interpolation");
    SPOILT(here.cells[2] = CLUSTERS, INTERPOLATE(QUELL_INTERPOLATION_NEAREST), QUELL_CAUSE_DOMAIN, "coarse");
    here.cells[2] = 0;
    SPOILT(here.image.rows = 0, INTERPOLATE(QUELL_INTERPOLATION_NEAREST), QUELL_CAUSE_DOMAIN, "rows");
    SPOILT(here.image.rows = 3, INTERPOLATE(QUELL_INTERPOLATION_NEAREST), QUELL_CAUSE_LENGTH, "coarse");
    here.image.rows = 2;
    SPOILT(here.fold.moment = here.second, INTERPOLATE(QUELL_INTERPOLATION_NEAREST), QUELL_CAUSE_NULL, "sum");
    SPOILT(here.fold.sum = here.wide_f32, INTERPOLATE(QUELL_INTERPOLATION_NEAREST), QUELL_CAUSE_OVERLAP, "scratch");
    here.fold.sum = here.fold.moment = NULL;
    SPOILT(here.bilateral.sigma_range = 0.0, BILATERAL, QUELL_CAUSE_DOMAIN, "sigma_range");
    SPOILT(here.layout.height = 2, BILATERAL, QUELL_CAUSE_LENGTH, "height");
    here.layout.height = HEIGHT;
    REFUSED(GUIDED(4), QUELL_CAUSE_TOO_SHORT, "scratch");
    SPOILT(here.guided.epsilon = NAN, GUIDED(LENGTH(here.wide_f64)), QUELL_CAUSE_DOMAIN, "epsilon");
    SPOILT(here.layout.channels = 2, PAMR_WEIGHTS(2), QUELL_CAUSE_TOO_SHORT, "guide");
    here.layout.channels = 1;
    REFUSED(PAMR_WEIGHTS(1), QUELL_CAUSE_LENGTH, "weights");
    REFUSED(PAMR(QUELL_INTERPOLATION_BILINEAR), QUELL_CAUSE_TOO_SHORT, "scratch");
    REFUSED(PAMR(-1), QUELL_CAUSE_UNKNOWN, "interpolation");
    REFUSED(MIX(CELLS - 1), QUELL_CAUSE_LENGTH, "coarse");
    SPOILT(here.fold.pixels = 6, MIX(CELLS), QUELL_CAUSE_TOO_SHORT, "best");
}

#define MATCH(scratch_len)                                                                                          \
    quell_assignment_match_clusters(here.class_of, CLUSTERS, here.wide_f64, scratch_len, here.numbers,              \
                                    LENGTH(here.numbers), here.confusion, CLUSTERS * CLUSTERS, CLUSTERS)
#define COUNT(ignore)                                                                                               \
    quell_confusion_count_u8_u8(here.confusion, CLUSTERS * CLUSTERS, here.plus, here.labels, N, CLUSTERS, CLUSTERS, ignore)
#define EMBEDDINGS(dimension)                                                                                       \
    quell_mask_embeddings_f32(here.centres, 2 * CLUSTERS, here.wide_f32, CLUSTERS * CELLS, here.x_f32, 2 * CELLS,   \
                              CLUSTERS, dimension)

static void scores(void)
{
    reset();
    /* Labels that are the other way round but for one pixel, which is a component of its own. */
    for (size_t i = 0; i < N; ++i)
        here.plus[i] = i >= N / 2, here.labels[i] = i < N / 2;
    here.labels[N - 1] = 1, here.plus[0] = 255;
    CHECK(COUNT(255) == 0 && here.confusion[1] == 5 && here.confusion[2] == 5 && here.confusion[3] == 1);
    CHECK(MATCH(QUELL_ASSIGNMENT_SCRATCH_LEN(CLUSTERS, CLUSTERS)) == 0 && here.class_of[0] == 1 && here.class_of[1] == 0);
    CHECK(quell_iou(&here.summary, here.iou, CLUSTERS, here.confusion, CLUSTERS * CLUSTERS, here.class_of, CLUSTERS) == 0);
    CHECK(here.summary.pixels == 11 && here.summary.accuracy * 11.0 == 10.0 && here.iou[0] * 6.0 == 5.0);
    CHECK(quell_components_u8(&here.number, here.components, here.labels, N, HEIGHT, WIDTH, QUELL_CONNECTIVITY_FOUR) == 0);
    CHECK(here.number == 3 && here.components[N - 1] == 2);
    CHECK(quell_boundaries_count_u8_u8(&here.boundaries, here.numbers, QUELL_BOUNDARIES_SCRATCH_LEN(HEIGHT, WIDTH), here.plus,
                                       here.labels, N, HEIGHT, WIDTH, 255, 0.0)
          == 0);
    CHECK(here.boundaries.truth_found <= here.boundaries.truth && here.boundaries.labels > here.boundaries.labels_found);
    CHECK(quell_remove_small_u8(&here.number, here.labels, N, here.numbers, LENGTH(here.numbers), HEIGHT, WIDTH,
                                QUELL_CONNECTIVITY_FOUR, 2)
          == 0);
    CHECK(here.number == 1 && here.labels[N - 1] == 0);
    CHECK(quell_cell_weights_f32_u8(here.wide_f32, CLUSTERS * CELLS, here.labels, N, &here.image, CLUSTERS,
                                    QUELL_INTERPOLATION_NEAREST)
          == 0);
    CHECK(EMBEDDINGS(2) == 0 && here.centres[0] > here.centres[2]);

    REFUSED(COUNT(SIZE_MAX), QUELL_CAUSE_DOMAIN, "truth");
    REFUSED(MATCH(QUELL_ASSIGNMENT_SCRATCH_LEN(CLUSTERS, CLUSTERS) - 1), QUELL_CAUSE_TOO_SHORT, "scratch");
    SPOILT(here.class_of[0] = 7,
           quell_iou(&here.summary, here.iou, CLUSTERS, here.confusion, CLUSTERS * CLUSTERS, here.class_of, CLUSTERS),
           QUELL_CAUSE_DOMAIN, "class_of");
    REFUSED(quell_components_u8(&here.number, here.components, here.labels, N, HEIGHT, WIDTH, 6), QUELL_CAUSE_UNKNOWN,
            "connectivity");
    REFUSED(quell_components_u8((size_t *)(void *)here.components, here.components, here.labels, N, HEIGHT, WIDTH,
                                QUELL_CONNECTIVITY_FOUR),
            QUELL_CAUSE_OVERLAP, "out");
    REFUSED(quell_remove_small_u8(&here.number, here.labels, N, here.numbers, LENGTH(here.numbers) - 1, HEIGHT, WIDTH,
                                  QUELL_CONNECTIVITY_FOUR, 2),
            QUELL_CAUSE_TOO_SHORT, "scratch");
    REFUSED(quell_boundaries_f(NULL, &here.boundaries), QUELL_CAUSE_NULL, "out");
    REFUSED(EMBEDDINGS(0), QUELL_CAUSE_DOMAIN, "dimension");
    REFUSED(EMBEDDINGS(5), QUELL_CAUSE_LENGTH, "features");
    SPOILT(here.wide_f32[1] = -1.0f, EMBEDDINGS(2), QUELL_CAUSE_DOMAIN, "weights");
}

/* A constant to declare a buffer with is what the function says. */
static void lengths(void)
{
    CHECK(QUELL_KMEANS_UNIFORMS_LEN(30, 10, 5) == quell_kmeans_uniforms_len(30, 10, 5));
    CHECK(QUELL_KMEANS_SCRATCH_LEN(256, 1280, 30, 10, 5) == quell_kmeans_scratch_len(256, 1280, 30, 10, 5));
    CHECK(QUELL_KMEANS_SCRATCH_LEN(99, 3, 30, 1, 1) == quell_kmeans_scratch_len(99, 3, 30, 1, 1));
    CHECK(QUELL_KMEANS_SCRATCH_LEN(1024, 3, 7, 2, 1) == quell_kmeans_scratch_len(1024, 3, 7, 2, 1));
    CHECK(QUELL_KMEANS_SCRATCH_LEN(1025, 3, 7, 2, 4) == quell_kmeans_scratch_len(1025, 3, 7, 2, 4));
    CHECK(QUELL_KMEANS_SINGLES_LEN(99, 5, 7) == quell_kmeans_singles_len(99, 5, 7));
    CHECK(QUELL_KMEANS_SINGLES_LEN(256, 1280, 30) == quell_kmeans_singles_len(256, 1280, 30));
    CHECK(QUELL_ASSIGNMENT_SCRATCH_LEN(3, 5) == quell_assignment_scratch_len(3, 5));
    CHECK(QUELL_ASSIGNMENT_SCRATCH_LEN(5, 3) == quell_assignment_scratch_len(5, 3));
    CHECK(QUELL_ASSIGNMENT_INDEX_SCRATCH_LEN(3, 5) == quell_assignment_index_scratch_len(3, 5));
    CHECK(QUELL_ASSIGNMENT_INDEX_SCRATCH_LEN(5, 3) == quell_assignment_index_scratch_len(5, 3));
    CHECK(QUELL_MIX_SCRATCH_LEN(7, 9) == quell_mix_scratch_len(7, 9));
    CHECK(QUELL_REMOVE_SMALL_SCRATCH_LEN(7, 9) == quell_remove_small_scratch_len(7, 9));
    CHECK(QUELL_BOUNDARIES_SCRATCH_LEN(7, 9) == quell_boundaries_scratch_len(7, 9));
    for (size_t height = 1; height < 40; height += 4) {
        size_t length;
        CHECK(quell_readout_default(&here.readout, 3, height, 50, 1.0) == 0);
        CHECK(quell_readout_state_len(&length, &here.readout) == 0);
        CHECK(QUELL_READOUT_STATE_LEN(height, 50, 4) == length);
    }
}

int main(void)
{
    masks();
    upsamplers();
    scores();
    lengths();
    return check_result("contract_masks");
}
