# SPDX-License-Identifier: Apache-2.0
# What `make install` puts in place: headers, libraries, pkg-config files, the CMake package.
