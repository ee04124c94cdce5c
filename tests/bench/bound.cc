#include "tests/bench/bound.h"

#include <zdict.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"
#include "sync/chunk.h"
#include "sync/dictionary.h"
#include "sync/text_fold.h"
#include "tests/bench/figures.h"
#include "tests/bench/report.h"

namespace chibo::bench {
namespace {

constexpr int kLevel = 19;
// With fewer cells the dictionary gets worse with each one less.
constexpr std::size_t kCellsToTrainOn = 8;

// A cell-year with a dictionary trained on 60 other cells of the same generator, over one without.
struct Gain {
  double dictionary_bytes;
  double gain;
};
constexpr std::array<Gain, 4> kRecordedGains{
    {{16'384, 0.8955}, {32'768, 0.8349}, {65'536, 0.8017}, {112'640, 0.7832}}};

double RecordedGain(double dictionary_bytes) {
  auto above = kRecordedGains.begin() + 1;
  while (above + 1 != kRecordedGains.end() && above->dictionary_bytes < dictionary_bytes) {
    ++above;
  }
  const Gain& low = *(above - 1);
  const double at = std::log(dictionary_bytes / low.dictionary_bytes) /
                    std::log(above->dictionary_bytes / low.dictionary_bytes);
  return low.gain + std::clamp(at, 0.0, 1.0) * (above->gain - low.gain);
}

std::size_t Ok(std::size_t result) {
  CHECK(ZSTD_isError(result) == 0 && ZDICT_isError(result) == 0);
  return result;
}

std::string Train(const std::vector<CellYear>& years, std::size_t bytes) {
  std::string samples;
  std::vector<std::size_t> sizes;
  for (const CellYear& year : years) {
    std::int64_t previous_ms = 0;
    for (const Sitting& sitting : year.sittings) {
      const std::string form = CompactForm(sitting, previous_ms);
      previous_ms = sitting.front().time_ms;
      samples += form;
      sizes.push_back(form.size());
    }
  }
  std::string dictionary(bytes, '\0');
  const std::size_t made =
      ZDICT_trainFromBuffer(dictionary.data(), dictionary.size(), samples.data(), sizes.data(),
                            static_cast<unsigned>(sizes.size()));
  // Too little to train on is no mistake.
  dictionary.resize(ZDICT_isError(made) != 0 ? 0 : made);
  return dictionary;
}

std::size_t CompressedWith(std::string_view dictionary, std::string_view form) {
  std::string out(ZSTD_compressBound(form.size()), '\0');
  ZSTD_CCtx* context = ZSTD_createCCtx();
  CHECK(context != nullptr);
  const std::size_t size =
      ZSTD_compress_usingDict(context, out.data(), out.size(), form.data(), form.size(),
                              dictionary.data(), dictionary.size(), kLevel);
  ZSTD_freeCCtx(context);
  return Ok(size);
}

}  // namespace

Bound::Bound(const std::vector<CellYear>& others, std::size_t dictionary_bytes)
    : bytes_(dictionary_bytes) {
  if (bytes_ == 0) {
    // What both sides know beforehand of text: dictionary and syllables.
    bytes_ = DictionaryBytes(kDictionaryNewest).value().size() + SyllableTable().size();
  }
  dictionary_ = Train(others, bytes_);
  by_record_ = others.size() < kCellsToTrainOn;
  const std::string size =
      std::to_string(bytes_) + " B (as large as the shipped one and its syllables)";
  how_ = by_record_ ? "zstd -19, less what a trained dictionary of " + size +
                          " takes off by record, as the workload has too few cells to train on"
                    : "zstd -19 with a dictionary of " + size + " trained on " +
                          std::to_string(others.size()) + " other cells of the workload";
}

std::size_t Bound::Compressed(std::string_view form) const {
  return CompressedWith(dictionary_, form);
}

std::size_t Bound::OfYear(const CellYear& year) const {
  const std::size_t trained =
      Compressed(CompactForm(year)) + kSignatureBytes * year.sittings.size();
  return by_record_ ? std::min(trained, OfYearByRecord(year)) : trained;
}

std::size_t Bound::OfYearByRecord(const CellYear& year) const {
  const auto without = static_cast<double>(CompressedWith({}, CompactForm(year)));
  const double with = without * RecordedGain(static_cast<double>(bytes_));
  return static_cast<std::size_t>(std::lround(with)) + kSignatureBytes * year.sittings.size();
}

std::size_t Bound::OfSitting(const Sitting& sitting) const {
  return Compressed(CompactForm(sitting, sitting.front().time_ms));
}

void MeasureBound(const Plan& plan) {
  const CellYear& year = plan.workload.front();
  for (const Gain& gain : kRecordedGains) {
    const auto bytes = static_cast<std::size_t>(gain.dictionary_bytes);
    const Bound bound({plan.workload.begin() + 1, plan.workload.end()}, bytes);
    Print({"bound",
           "a cell-year with a dictionary of " + std::to_string(bytes) + " B trained on " +
               std::to_string(plan.workload.size() - 1) +
               " other cells; limit: as one trained on 60 took off once",
           static_cast<double>(bound.OfYear(year)), "B",
           static_cast<double>(bound.OfYearByRecord(year)), AtMost(1.03)});
  }
}

}  // namespace chibo::bench
