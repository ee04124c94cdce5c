#ifndef CHIBO_TESTS_GOLDEN_H_
#define CHIBO_TESTS_GOLDEN_H_

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "base/bytes.h"

// Bytes that must not change by accident, kept as files of hex (tests/data/golden/README.md).
namespace chibo {

inline std::string GoldenLines(ByteView bytes) {
  constexpr std::size_t kDigitsALine = 96;
  const std::string hex = ToHex(bytes);
  std::string lines;
  for (std::size_t i = 0; i < hex.size(); i += kDigitsALine) {
    lines.append(hex, i, kDigitsALine).append("\n");
  }
  return lines;
}

inline std::string FileText(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

inline bool GoldenIsRenewed() {
  const char* renew = std::getenv("CHIBO_RENEW_GOLDEN");
  return renew != nullptr && std::string_view(renew) == "1";
}

inline void ExpectGolden(const std::filesystem::path& folder,
                         const std::map<std::string, Bytes>& golden) {
  for (const auto& [name, bytes] : golden) {
    const auto path = folder / (name + ".hex");
    if (GoldenIsRenewed()) {
      std::ofstream(path) << GoldenLines(bytes);
    }
    EXPECT_EQ(FileText(path), GoldenLines(bytes)) << name;
  }
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() == ".hex") {
      EXPECT_TRUE(golden.contains(file.path().stem())) << file.path();
    }
  }
}

}  // namespace chibo

#endif  // CHIBO_TESTS_GOLDEN_H_
