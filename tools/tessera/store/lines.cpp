#include "store/lines.hpp"

#include <iostream>

namespace tessera::cli {

Lines::Event PlainLines::read(const std::string& /*prompt*/, std::string* line) {
  return std::getline(std::cin, *line) ? Event::kLine : Event::kEnd;
}

void PlainLines::remember(const std::string& /*statement*/) {}

}  // namespace tessera::cli
