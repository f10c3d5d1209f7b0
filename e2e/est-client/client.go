//go:build tools

// Names the EST client of another house that the tests of services/provisioning speak to us with.
package tools

import _ "github.com/globalsign/est/cmd/estclient"
