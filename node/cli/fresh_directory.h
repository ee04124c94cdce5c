#ifndef CHIBO_NODE_CLI_FRESH_DIRECTORY_H_
#define CHIBO_NODE_CLI_FRESH_DIRECTORY_H_

#include <optional>
#include <string>
#include <utility>

#include "node/cli/directory.h"

namespace chibo {

// A data directory that is being made. What was made goes again with this, unless it is kept:
// whoever tries once more finds the place as it was.
class FreshDirectory {
 public:
  // kBadInput "directory_taken".
  static Result<FreshDirectory> Make(const DataDirectory& directory);
  FreshDirectory(FreshDirectory&& other) noexcept
      : path_(std::exchange(other.path_, std::nullopt)), was_there_(other.was_there_) {}
  FreshDirectory& operator=(FreshDirectory&&) = delete;
  ~FreshDirectory();

  void Keep() { path_.reset(); }

 private:
  FreshDirectory(std::string path, bool was_there)
      : path_(std::move(path)), was_there_(was_there) {}

  std::optional<std::string> path_;
  bool was_there_ = false;
};

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_FRESH_DIRECTORY_H_
