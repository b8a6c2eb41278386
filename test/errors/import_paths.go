// errorcheck

package p

import ""             // ERROR "invalid import path \(empty string\)"
import "a b"          // ERROR "invalid import path \(invalid character U\+0020 ' '\)"
import "\xff"         // ERROR "invalid import path \(invalid character U\+FFFD"
import "unicode//utf8" // ERROR "non-canonical import path .unicode//utf8. \(should be .unicode/utf8.\)"
import "/foo"         // ERROR "import path cannot be absolute path"
