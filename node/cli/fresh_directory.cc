#include "node/cli/fresh_directory.h"

#include <filesystem>

#include "node/cli/files.h"

namespace chibo {

Result<FreshDirectory> FreshDirectory::Make(const DataDirectory& directory) {
  FreshDirectory fresh(directory.path(), Exists(directory.path()));
  if (Status made = directory.Create(); !made) {
    if (made.error().reason == "directory_taken") {
      fresh.Keep();  // what is there is not ours
    }
    return tl::unexpected(std::move(made).error());
  }
  return fresh;
}

FreshDirectory::~FreshDirectory() {
  if (!path_) {
    return;
  }
  std::error_code ignored;
  if (!was_there_) {
    std::filesystem::remove_all(*path_, ignored);
    return;
  }
  for (const auto& item : std::filesystem::directory_iterator(*path_, ignored)) {
    std::filesystem::remove_all(item.path(), ignored);
  }
}

}  // namespace chibo
