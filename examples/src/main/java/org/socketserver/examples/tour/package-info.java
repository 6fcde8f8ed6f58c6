/** The tour: every transport under every mix-in, talked to by real clients. */
@NullMarked
package org.socketserver.examples.tour;

import org.jspecify.annotations.NullMarked;
