#ifndef CHIBO_PROTO_KIND_H_
#define CHIBO_PROTO_KIND_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "chibo/entry.pb.h"
#include "chibo/record.pb.h"

namespace chibo {

// A record's kind is the number of its field in pb::Record.
using Kind = pb::Record::BodyCase;

// Who may write a kind, by the role of the certificate that the stream's genesis names.
enum class Writer : std::uint8_t {
  kUnit,    // SECRETARY and DEPUTY of a cell; SERVER of a committee, for the committee's own line
  kServer,  // SERVER alone, on its own account: register entries, copies, sealed texts
  kSigned,  // anyone whose stream may carry it; what counts is the signature inside, by an
            // AUTHORITY
};

// What is fixed in code about a kind. A rule pack may narrow the reach, never widen it.
struct KindTraits {
  Kind kind;
  std::string_view name;  // the field's name: "vote_session"
  pb::Reach reach;        // widest
  bool in_line;
  bool in_down;
  bool in_to;
  Writer writer;
  std::string_view object;  // "decision" for kinds that carry signatures; empty for others
  bool open;  // authority record: open inside the network, its standing decides other records'
};

// All kinds this program knows, by number.
std::span<const KindTraits> AllKinds();
// Nothing for a kind this program does not know.
const KindTraits* TraitsOf(std::uint32_t kind);

// Whether a writer may keep records of this kind from those above its superior though the kind
// reaches all of them. What decides standing, what is signed, and what the tables of all superiors
// are made of may not be: they would judge and count otherwise than those below, and nobody knew.
bool MayBeNarrowed(const KindTraits& traits);

}  // namespace chibo

#endif  // CHIBO_PROTO_KIND_H_
