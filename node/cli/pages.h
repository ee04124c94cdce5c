#ifndef CHIBO_NODE_CLI_PAGES_H_
#define CHIBO_NODE_CLI_PAGES_H_

#include <optional>

#include "node/cli/open_node.h"
#include "storage/sqlite/rescue.h"

namespace chibo {

// What was found of the store's file itself, and what became of it.
struct PageReport {
  PageDamage damage;
  std::optional<Rescue> rescue;
  std::uint64_t homeless = 0;  // entries of streams that nothing names any more
};

enum class PageUse {
  kLook,
  kMendView,  // only where no rows of the log are concerned; else kDamaged "store_pages_damaged"
  kMend,
};

// The first step of whatever brings a damaged store back: everything after it can read every page.
// While the directory is held and its store not open. kDamaged "store_list_unreadable",
// "store_settings_lost": nothing can be done without guessing.
Result<PageReport> MendPages(const DataDirectory& directory, const UnlockedKey& device,
                             PageUse use);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_PAGES_H_
