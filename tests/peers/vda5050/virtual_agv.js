// A vehicle by other people: the virtual AGV of npm vda-5050-lib (Siemens, MIT; VDA 5050 2.0), on our broker.
// Its load is "EPAL" by default and carries an RFID of its own; only that default is widened here to any load type.
const vda = require(process.argv[2]);
const given = JSON.parse(process.argv[3]);

class Box extends vda.VirtualAgvAdapter {
  get actionDefinitions() {
    return super.actionDefinitions.map((definition) =>
      ["pick", "drop"].includes(definition.actionType)
        ? { ...definition, actionParameterConstraints: { ...definition.actionParameterConstraints, loadType: () => true } }
        : definition,
    );
  }
}

const controller = new vda.AgvController(
  { manufacturer: given.manufacturer, serialNumber: given.serial },
  {
    interfaceName: "uagv",
    vdaVersion: "2.0.0",
    transport: { brokerUrl: `mqtt://127.0.0.1:${given.port}`, username: given.user, password: given.password },
  },
  { agvAdapterType: Box, publishStateInterval: 1000 },
  { initialPosition: given.position, vehicleSpeed: 100, timeLapse: 20 },
);
process.on("SIGTERM", async () => {
  await controller.stop();
  process.exit(0);
});
controller.start().then(
  () => console.log("started"),
  (error) => {
    console.log(`failed: ${error}`);
    process.exit(1);
  },
);
