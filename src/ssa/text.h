// Names shared by the writer and the reader of the textual form.
#pragma once

namespace vole::ssa::text {
constexpr const char* CondNames[] = {"eq", "ne", "lts", "les", "gts", "ges", "ltu", "leu", "gtu", "geu"};
constexpr const char* BoundsNames[] = {
    "index",    "index_u",    "slice_alen",  "slice_alen_u",  "slice_acap",  "slice_acap_u",
    "slice_b",  "slice_b_u",  "slice3_alen", "slice3_alen_u", "slice3_acap", "slice3_acap_u",
    "slice3_b", "slice3_b_u", "slice3_c",    "slice3_c_u",    "convert"};
constexpr const char* FlagNames[] = {"bounded",  "nobarrier", "nonnil", "noreturn",
                                     "noescape", "pinned",    "cold",   "closure"};
}  // namespace vole::ssa::text
