// Builds an MQTT broker for the tests in tests/kubernetes; tools/go_programs.py reads the version here.
module things-stack-infrastructure/tools/mqtt

go 1.26.0

tool github.com/mochi-mqtt/server/v2/cmd

require (
	github.com/gorilla/websocket v1.5.0 // indirect
	github.com/mochi-mqtt/server/v2 v2.7.9 // indirect
	github.com/rs/xid v1.4.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)
