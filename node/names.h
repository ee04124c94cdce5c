#ifndef CHIBO_NODE_NAMES_H_
#define CHIBO_NODE_NAMES_H_

#include <string>
#include <string_view>

// Vietnamese names for search and order; what is signed stays as it was typed. The only file of the
// product that uses ICU.
namespace chibo {

// Unicode NFC, runs of white space folded to one space, none at the ends.
std::string NormalName(std::string_view name);
// For search without tones: lower case, no marks, đ as d. "Nguyễn Thị Đào" → "nguyen thi dao".
std::string FoldedName(std::string_view name);
// Key that sorts as a Vietnamese list does: by given name (the last word), then the rest.
std::string NameSortKey(std::string_view name);

}  // namespace chibo

#endif  // CHIBO_NODE_NAMES_H_
