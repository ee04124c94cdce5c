#ifndef CHIBO_NODE_CLI_FILES_H_
#define CHIBO_NODE_CLI_FILES_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

// Files of the command line: what people hand over, key files, what commands give out.
namespace chibo {

inline constexpr std::size_t kInputBytesMax = std::size_t{256} * 1024 * 1024;

// The whole file, standard input for "-". kNotFound "file_not_found", kIo "file_unreadable",
// kTooLarge.
Result<Bytes> ReadFile(const std::string& path, std::size_t bytes_max = kInputBytesMax);
// Whole or not at all, durable when it returns, readable by its owner alone; standard output for
// "-". A file that is there is replaced; missing folders are made. kIo "file_not_written",
// kDiskFull.
Status WriteFile(const std::string& path, ByteView bytes);
// With its parents; those made here are private (0700). kIo "folder_not_made".
Status MakeFolder(const std::string& path);
// A store, a key: what a node lives of, and no report may replace.
bool IsOfANode(const std::string& path);
// Whether a file could be made there, or in it where it is a folder: what cannot be given out is
// not begun. kIo "file_not_written"; kBadInput "output_place_taken".
Status CheckPlace(const std::string& path);
// The same, and that nothing is there yet. kBadInput "output_there_already".
Status CheckNewPlace(const std::string& path);
// The same, or an empty folder is there.
Status CheckNewPlaceOrFolder(const std::string& path);
bool Exists(const std::string& path);
// Names of the files in a folder that end so, sorted; empty when there is no such folder.
std::vector<std::string> FilesIn(const std::string& folder, std::string_view ending);
// "keys/S1.key" is "S1".
std::string StemOf(std::string_view path);

}  // namespace chibo

#endif  // CHIBO_NODE_CLI_FILES_H_
