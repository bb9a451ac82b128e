// SPDX-License-Identifier: MIT OR Apache-2.0
// quell.h alone, in C++11: it compiles, its enums have types of their own, and a run has the known bits.
#include <quell.h>
#include <quell.h>

#include "../c/check.h"
#include "../c/golden.h"

#include <cstring>
#include <type_traits>

static_assert(std::is_same<std::underlying_type<quell_cause>::type, int32_t>::value, "enums are as wide as in C");
static_assert(std::is_standard_layout<quell_step>::value && std::is_trivially_copyable<quell_step>::value, "plain");
static_assert(std::is_standard_layout<quell_inputs_f16>::value, "plain");

int main()
{
    quell_ddim options;
    quell_process process = quell_process();
    quell_level level;
    process.kind = QUELL_PROCESS_KIND_VE;
    CHECK(quell_ddim_default(&options) == 0 && options.eta == 0.0);
    CHECK(quell_level_at_sigma(&level, &process, 2.0) == 0 && level.sigma == 2.0 && level.alpha == 1.0);
    const quell_status refused = quell_level_at_sigma(&level, &process, -2.0);
    CHECK(quell_status_cause(refused) == QUELL_CAUSE_DOMAIN);
    CHECK(std::strcmp(quell_status_argument_str(refused), "sigma") == 0 && level.sigma == 2.0);
    CHECK(quell_golden() == QUELL_GOLDEN);
    return check_result("plain, C++");
}
